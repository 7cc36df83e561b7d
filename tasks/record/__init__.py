"""How a change is written down: locked rows, moves only one of two wins, the ledger, and the holds that follow."""
