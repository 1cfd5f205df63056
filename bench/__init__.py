"""What the portal's speed is measured against, side by side in one run (`make bench`; how to read it: docs/performance.md)."""
