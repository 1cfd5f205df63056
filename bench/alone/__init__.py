"""What runs without the portal: the mail server of the bench, and the PDF of the usual way."""
