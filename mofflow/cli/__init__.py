"""The command line: one file for each noun or family of verbs, loaded only when it is called."""
