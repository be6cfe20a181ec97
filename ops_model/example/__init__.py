"""The demo: two systems, their data, and the server that drills run against."""
