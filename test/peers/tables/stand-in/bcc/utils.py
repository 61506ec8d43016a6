import sys


def printb(text, file=sys.stdout, nl="\n"):
    file.flush()
    file.buffer.write(text + nl.encode())
    file.flush()
