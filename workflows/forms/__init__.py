"""Forms of the editor: what people choose and type, and how it becomes rows."""
