"""What crosses a boundary: events, accounts, the log, signals, states, the policy, dead letters."""
