"""The access log of the app: written before anything is shown, sealed every minute, never changed. Clause: R-DSC-04, R-DSC-06."""
