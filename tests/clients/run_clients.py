#!/usr/bin/env python3
"""Real clients of other vendors against a running server.

usage: run_clients.py MARQUEE FOLDER [CLIENT...]

Installs what package-lock.json pins into FOLDER (npm ci, once per lock) and runs CLIENT.mjs of this folder (default: all that
play an evening) against a fresh server. Exits 77, saying why, where node, npm or a registry is missing.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'http'), str(HERE.parent / 'support')]
import npm  # noqa: E402
from served import Program, Server  # noqa: E402

SUPPORT = ('film.mjs',)


def run(client, folder, server):
    done = subprocess.run(['node', client, f'http://127.0.0.1:{server.port}', str(server.data), Program.path], cwd=folder,
                          capture_output=True, text=True, timeout=600)
    ok = done.returncode == 0
    print(f'{pathlib.Path(client).stem}: {"ok" if ok else "FAILED"}', flush=True)
    if not ok:
        print(done.stdout[-4000:], done.stderr[-8000:], sep='\n')
    return ok


def main(marquee, folder, *clients):
    Program.path = os.path.abspath(marquee)
    folder = pathlib.Path(folder).resolve()
    npm.need_node('real clients')
    npm.install(HERE, folder, 'real clients')
    for script in HERE.glob('*.mjs'):
        shutil.copy(script, folder / script.name)
    names = list(clients) or sorted(p.stem for p in HERE.glob('*.mjs') if p.name not in SUPPORT)
    data = tempfile.mkdtemp(prefix='marquee-clients-')
    server = Server(pathlib.Path(data))
    try:
        results = [run(f'{name}.mjs', folder, server) for name in names]
    finally:
        code = server.stop()
        shutil.rmtree(data)
    return 0 if all(results) and code == 0 else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 2 else sys.exit(__doc__))
