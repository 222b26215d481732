"""The only place that knows DICOM files: reading, decoding, writing."""
