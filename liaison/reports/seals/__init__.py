"""Sealed periods: figures that hold still, the records behind them, and what has changed since."""
