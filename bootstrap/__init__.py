"""From a bare python3 to a `.venv` with every locked package, by the standard library alone.

pip does all the installing, because it reads the user's own index, mirror, proxy and certificate settings;
nothing here knows the address of an index. What differs between machines is only where a first pip comes
from. Every package is checked against the hash in the lock.
"""
