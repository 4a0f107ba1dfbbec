"""Node.js and packages from npm for tests; where they cannot be had, the test is skipped (exit 77) and says why."""
import hashlib
import shutil
import subprocess
import sys

LEAST_NODE = 18
# Where npm finds no registry it tries again for minutes; a working one needs seconds.
NPM = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1',
       '--fetch-timeout=20000']


def skip(name, why):
    print(f'{name}: skipped: {why}')
    sys.exit(77)


def need_node(name):
    node, npm = shutil.which('node'), shutil.which('npm')
    if not node or not npm:
        skip(name, 'node or npm is not installed: scripts/install-packages clients')
    version = subprocess.run([node, '--version'], capture_output=True, text=True).stdout.strip().lstrip('v')
    if int(version.split('.')[0] or 0) < LEAST_NODE:
        skip(name, f'node {version} is older than {LEAST_NODE}')


def install(source, folder, name):
    """What the lock of `source` pins is in `folder`; the stamp is written last."""
    lock = (source / 'package-lock.json').read_bytes() + (source / 'package.json').read_bytes()
    want = hashlib.sha256(lock).hexdigest()
    stamp = folder / 'installed'
    if stamp.exists() and stamp.read_text() == want:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file in ('package.json', 'package-lock.json', '.npmrc'):
        shutil.copy(source / file, folder / file)
    try:
        done = subprocess.run(NPM, cwd=folder, capture_output=True, text=True, timeout=240)
    except subprocess.TimeoutExpired:
        skip(name, 'npm ci took over four minutes: is there a registry?')
    if done.returncode != 0:
        skip(name, f'npm ci failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}: is there a registry?')
    stamp.write_text(want)
