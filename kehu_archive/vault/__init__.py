"""The vault: what may not stand in the database in clear (R-DSC-01, R-DSC-03).

`keyring` holds the keys that live outside the site; `cipher` encrypts; `store` keeps a data key for each archive and writes
Sensitive Records; `rotation` changes the master key; `hygiene` and `ingress` keep plain text out of error reports.
"""
