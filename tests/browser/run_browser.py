#!/usr/bin/env python3
"""The dashboard in a real browser.

usage: run_browser.py MARQUEE FOLDER [PART-OF-A-NAME...]

Installs what package-lock.json pins into FOLDER, makes a simulated service, and runs dashboard.mjs with Debian's Chromium (CHROMIUM names
another). Exits 77, saying why, where Chromium, node, npm or a registry is missing.
"""
import json
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

NAME = 'dashboard'


def chromium():
    found = os.environ.get('CHROMIUM') or shutil.which('chromium') or shutil.which('chromium-browser')
    if not found:
        npm.skip(NAME, 'Chromium is not installed: scripts/install-packages browser')
    # On some systems the name is a stub that asks for another installer.
    if subprocess.run([found, '--version'], capture_output=True).returncode != 0:
        npm.skip(NAME, f'{found} --version fails')
    return found


def need_dashboard(server):
    page = server.ask('GET', '/')[2]
    if b'/assets/' not in page:
        npm.skip(NAME, 'the server was built without its dashboard: ' + page.decode().split('<p>')[1].split('</p>')[0])


def make_world(folder):
    """A service whose films and credits are real, and two versions of its model."""
    world, data = folder / 'world', folder / 'data'
    Program.run('simulate', '--viewers', 2000, '--days', 60, '--seed', 1, '--taste', 3, '--heartbeat', 1200, '--end', 'now', '--out', world)
    for table in ('titles', 'credits', 'events'):
        Program.run('import', '--data', data, '--format', table, *world.glob(f'{table}.*'))
    Program.run('train', '--data', data, '--only', 'engagement')
    Program.run('train', '--data', data, '--seed', 1)
    Program.run('train', '--data', data, '--seed', 2)
    Program.run('models', '--data', data, '--publish', 2)  # whatever it scored
    return data


def make_real(folder):
    """Real ratings with credits, where the data is there; None else. Nothing is trained: audiences need no model."""
    root = pathlib.Path(os.environ.get('MARQUEE_SHARED_DATA') or HERE.parents[2] / 'shared' / 'data') / 'movielens'
    tables = [('movielens', root / 'ml-latest-small'), ('titles', root / 'titles.csv'), ('credits', root / 'credits.csv')]
    if not all(path.exists() for _, path in tables):
        print(f'{NAME}: {root} is not there: real ratings are not looked at')
        return None
    for kind, path in tables:
        Program.run('import', '--data', folder / 'real', '--format', kind, path)
    return folder / 'real'


def main(marquee, folder, *wanted):
    Program.path = os.path.abspath(marquee)
    folder = pathlib.Path(folder).resolve()
    browser = chromium()
    npm.need_node(NAME)
    npm.install(HERE, folder, NAME)
    for script in HERE.glob('*.mjs'):
        shutil.copy(script, folder / script.name)
    place = pathlib.Path(tempfile.mkdtemp(prefix='marquee-browser-'))
    try:
        empty = Server(place / 'empty')
        need_dashboard(empty)
        world = make_world(place)
        server = Server(world)
        real = make_real(place)
        of_real = Server(real) if real else None
        settings = {'marquee': Program.path, 'chromium': browser, 'url': f'http://127.0.0.1:{server.port}', 'data': str(world),
                    'empty': f'http://127.0.0.1:{empty.port}', 'real': f'http://127.0.0.1:{of_real.port}' if real else None, 'realData': str(real), 'place': str(place), 'wanted': wanted}
        done = subprocess.run(['node', 'dashboard.mjs', json.dumps(settings)], cwd=folder, timeout=3000)
        codes = [s.stop() for s in (server, empty, of_real) if s]
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0 if done.returncode == 0 and not any(codes) else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 2 else __doc__)
