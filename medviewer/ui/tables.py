"""Tables in panels: one row chosen at a time, no lines, as wide as the panel."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

LEAST_COLUMN_PX, ROW_PX = 22, 10


def as_list(table: QTableView, title: str, widest: int) -> None:
    """Let a table, which has its model already, look and behave as lists in panels do; column ``widest`` stretches."""
    table.setAccessibleName(title)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setMinimumSectionSize(LEAST_COLUMN_PX)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header.setSectionResizeMode(widest, QHeaderView.ResizeMode.Stretch)


def fit_rows(table: QTableView) -> None:
    """Make the rows as high as the table's font wants."""
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + ROW_PX)
