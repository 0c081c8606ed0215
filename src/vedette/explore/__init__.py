"""Tables and series over any kind of telemetry: fields, functions and conditions to one SELECT."""
