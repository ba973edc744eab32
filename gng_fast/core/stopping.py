"""What training raises that `Network.stop` ends."""


class TrainingStopped(Exception):
    """Training ended early because `Network.stop` was called; the network is as after the last signal it took."""
