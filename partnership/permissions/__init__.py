"""Who may do what. Each noun's file holds its questions; the services ask them, and the pages to know which buttons to show."""
