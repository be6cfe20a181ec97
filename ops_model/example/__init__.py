"""The demo: three systems, their data and claims, and the server that drills run against."""
