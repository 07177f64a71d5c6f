"""Makes a load balancer with all that hangs on it, changes it, and takes it away. Prints what it saw, as JSON."""
import json
import sys

import openstack

auth_url, user, password, project = sys.argv[1:]
cloud = openstack.connect(
    auth_url=auth_url,
    username=user,
    password=password,
    project_name=project,
    user_domain_name='Default',
    project_domain_name='Default',
)
api = cloud.load_balancer
subnet = next(iter(cloud.network.subnets()))
balancer = api.create_load_balancer(name='web', vip_subnet_id=subnet.id)
listener = api.create_listener(
    name='http', load_balancer_id=balancer.id, protocol='HTTP', protocol_port=8080
)
pool = api.create_pool(
    name='servers', listener_id=listener.id, protocol='HTTP', lb_algorithm='ROUND_ROBIN'
)
member = api.create_member(pool, address='127.0.0.1', protocol_port=9)
api.create_health_monitor(
    name='check', pool_id=pool.id, type='TCP', delay=5, timeout=2, max_retries=2
)
weight = api.update_member(member, pool, weight=5).weight
names = [
    api.find_load_balancer('web').name,
    api.find_listener('http').name,
    api.find_pool('servers').name,
    api.find_health_monitor('check').name,
]
api.delete_load_balancer(balancer, cascade=True)
left = [each.name for each in api.load_balancers()]
print(json.dumps({'names': names, 'weight': weight, 'left': left}))
