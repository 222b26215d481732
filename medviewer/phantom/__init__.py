"""Virtual patients: a thorax of known truth drawn in numpy, and the same written as DICOM."""
