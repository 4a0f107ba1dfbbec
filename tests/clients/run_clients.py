#!/usr/bin/env python3
"""Real clients of other vendors against a running server.

usage: run_clients.py MARQUEE FOLDER [CLIENT...]

Installs what package-lock.json pins into FOLDER (npm ci, once per lock) and runs CLIENT.mjs of this folder (default: all that
play an evening) against a fresh server. Exits 77, saying why, where node, npm or a registry is missing.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'http'))
from served import Program, Server  # noqa: E402

SUPPORT = ('film.mjs',)
LEAST_NODE = 18
# Where npm finds no registry it tries again for minutes; a working one needs seconds.
NPM = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1',
       '--fetch-timeout=20000']


def skip(why):
    print(f'real clients: skipped: {why}')
    sys.exit(77)


def need_node():
    node, npm = shutil.which('node'), shutil.which('npm')
    if not node or not npm:
        skip('node or npm is not installed: scripts/install-packages clients')
    version = subprocess.run([node, '--version'], capture_output=True, text=True).stdout.strip().lstrip('v')
    if int(version.split('.')[0] or 0) < LEAST_NODE:
        skip(f'node {version} is older than {LEAST_NODE}')


def install(folder):
    """What the lock says is in `folder`; the stamp is written last."""
    lock = (HERE / 'package-lock.json').read_bytes() + (HERE / 'package.json').read_bytes()
    want = hashlib.sha256(lock).hexdigest()
    stamp = folder / 'installed'
    if stamp.exists() and stamp.read_text() == want:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in ('package.json', 'package-lock.json', '.npmrc'):
        shutil.copy(HERE / name, folder / name)
    try:
        done = subprocess.run(NPM, cwd=folder, capture_output=True, text=True, timeout=240)
    except subprocess.TimeoutExpired:
        skip('npm ci took over four minutes: is there a registry?')
    if done.returncode != 0:
        skip(f'npm ci failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}: is there a registry?')
    stamp.write_text(want)


def run(client, folder, server):
    done = subprocess.run(['node', client, f'http://127.0.0.1:{server.port}', str(server.data), Program.path], cwd=folder,
                          capture_output=True, text=True, timeout=120)
    ok = done.returncode == 0
    print(f'{pathlib.Path(client).stem}: {"ok" if ok else "FAILED"}', flush=True)
    if not ok:
        print(done.stdout[-4000:], done.stderr[-8000:], sep='\n')
    return ok


def main(marquee, folder, *clients):
    Program.path = os.path.abspath(marquee)
    folder = pathlib.Path(folder).resolve()
    need_node()
    install(folder)
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
