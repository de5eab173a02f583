"""Import of workbooks: read, checked row by row, written whole or not at all (docs/decisions/0013-import.md)."""
