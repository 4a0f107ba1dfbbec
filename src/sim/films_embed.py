#!/usr/bin/env python3
"""films.txt as a C function, so that the program carries its default catalogue.

usage: films_embed.py films.txt films_text.c
"""
import sys


def literal(line):
    out = ''.join('\\' + c if c in '\\"' else c for c in line)
    return f'    "{out}\\n"'


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        lines = [l for l in f.read().split('\n') if l.strip() and not l.startswith('#')]
    with open(sys.argv[2], 'w', encoding='utf-8') as f:
        f.write('/* Made from films.txt by films_embed.py. */\n#include "sim/films.h"\n\nstatic const char text[] =\n')
        f.write('\n'.join(literal(l) for l in lines))
        f.write(';\n\nstruct str films_text(void)\n{\n    return (struct str){text, sizeof(text) - 1};\n}\n')


main()
