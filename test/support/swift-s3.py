"""OpenStack Swift, with S3's API and encryption at rest, in one process: an S3 server that is none of ours. Says `ready` and its URL.

Swift is four servers that find each other by rings; here they are greenlets of one process, and each ring has one device.
"""
import array
import os
import sys

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi
from paste.deploy import loadapp
from swift.account.server import AccountController
from swift.common import utils
from swift.common.ring.ring import RingData
from swift.container.server import ContainerController
from swift.obj.server import ObjectController

folder, port, region, user, password = sys.argv[1:]
device = os.path.join(folder, 'devices', 'disk')
os.makedirs(os.path.join(device, 'tmp'), exist_ok=True)

with open(os.path.join(folder, 'swift.conf'), 'w') as file:
    file.write('[swift-hash]\nswift_hash_path_suffix = test\n[storage-policy:0]\nname = one\ndefault = yes\n')
utils.set_swift_dir(folder)


class Quiet:
    def write(self, line):
        pass

    def flush(self):
        pass


def listen(port=0):
    return eventlet.listen(('127.0.0.1', int(port)))


def serve(socket, app):
    eventlet.spawn(wsgi.server, socket, app, Quiet())


storage = {
    'devices': os.path.dirname(device),
    'mount_check': 'false',
    'swift_dir': folder,
    'disable_fallocate': 'true',
}
for name, controller in [
    ('account', AccountController),
    ('container', ContainerController),
    ('object', ObjectController),
]:
    socket = listen()
    address = {'ip': '127.0.0.1', 'port': socket.getsockname()[1]}
    disk = {'id': 0, 'zone': 0, 'region': 1, 'device': 'disk', 'weight': 1, **address}
    ring = RingData([array.array('H', [0, 0])], [disk], 31)
    ring.save(os.path.join(folder, f'{name}.ring.gz'))
    serve(socket, controller(storage))

config = os.path.join(folder, 'proxy.conf')
with open(config, 'w') as file:
    file.write(f"""
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors gatekeeper s3api tempauth keymaster encryption proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:s3api]
use = egg:swift#s3api
location = {region}
[filter:tempauth]
use = egg:swift#tempauth
user_{user.replace(':', '_')} = {password} .admin
[filter:keymaster]
use = egg:swift#keymaster
encryption_root_secret = {'c2VjcmV0' * 8}
[filter:encryption]
use = egg:swift#encryption
""")
app = loadapp(f'config:{config}')


class Cache:
    """What Swift asks of memcached."""

    def __init__(self):
        self.values = {}

    def get(self, key, **_):
        return self.values.get(key)

    def set(self, key, value, **_):
        self.values[key] = value

    def delete(self, key, **_):
        self.values.pop(key, None)


cache = Cache()


def with_cache(env, start_response):
    env['swift.cache'] = cache
    return app(env, start_response)


socket = listen(port)
print(f'ready http://127.0.0.1:{socket.getsockname()[1]}', flush=True)
wsgi.server(socket, with_cache, Quiet())
