"""mofflow: a workflow engine for IT delivery under the Microsoft Operations Framework and ISO/IEC 20000."""

__version__ = "0.1.0"
