"""Small real files, for what services inspect."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile


def pdf(name: str = "preuve.pdf", text: str = "essai") -> SimpleUploadedFile:
    """A file whose content is a PDF's, as far as an inspection of its ends tells; another `text` is another content."""
    return SimpleUploadedFile(name, f"%PDF-1.4\n% {text}\n%%EOF\n".encode(), content_type="application/pdf")
