"""What people type, parsed and checked before it reaches a service."""
