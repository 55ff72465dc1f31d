"""What is personal in the log, readable only while its customer's key exists; pure, without I/O."""
