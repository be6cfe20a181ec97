"""Computing: tables in, measurements out. Nothing here judges."""
