"""The mechanism of the API: authentication, default-deny permission, strict parsing, keyset pages, one shape of error."""
