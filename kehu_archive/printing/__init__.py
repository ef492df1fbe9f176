"""What leaves the system on paper or as a file: who may print, the watermark, the confidentiality mark, the forms (R-SEC-02, R-DSC-07)."""
