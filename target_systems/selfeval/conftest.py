"""Its folder is where tests import from, however pytest is started."""
