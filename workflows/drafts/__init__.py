"""The rows that people edit: to and from the document, moved, copied, undone."""
