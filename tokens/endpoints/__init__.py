"""The protocol, one module an endpoint: OAuth on the wire, form-encoded in, RFC 6749 §5.2 JSON or a redirect out."""
