"""Everything the reader can do: the table, menus, toolbar, keys, mouse."""
