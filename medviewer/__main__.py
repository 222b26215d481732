"""``python -m medviewer``, and the command ``medviewer``: light, because every worker process imports this file too."""

from multiprocessing import freeze_support


def main() -> None:
    """Run the command of ``sys.argv``."""
    freeze_support()  # a frozen program starts itself anew for its workers
    from medviewer.cli import main as run

    run()


if __name__ == "__main__":
    main()
