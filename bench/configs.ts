/**
 * What HAProxy, nginx and the back end are told. All proxies do the same work: one thread, kept connections to the back end,
 * X-Forwarded-For, -Proto and -Port, and a log of requests where the listener has one.
 */
import { type HttpKind, largePath } from './scenarios.ts'
import { streamModule } from './tools.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Loopback addresses of this run's own: another run beside it would share the ports of Weir's listeners. */
const network = `127.19.${process.pid % 256}`

export const backEnd: Endpoint = { host: `${network}.1`, port: 8080 }
export const hosts = {
  weir: `${network}.2`,
  haproxy: `${network}.3`,
  nginx: `${network}.4`,
} as const
/** Every candidate has an address of its own, and listens on these ports of it. */
export const ports = { http: 8080, tcp: 8081, logged: 8082, sticky: 8083 } as const
/** Answers with the forwarded headers of the request: proves that all candidates do the same. */
export const forwardedPath = '/forwarded'

/** HAProxy's lines end in its standard output, which is not read either. */
export const logFile = '/dev/null'

const target = `${backEnd.host}:${backEnd.port}`

export function haproxyConfig(host: string): string {
  return `global
  nbthread 1
  maxconn 8000
  log stdout format raw local0
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
${haproxyFrontend(host, 'http')}
${haproxyFrontend(host, 'logged')}
  log global
  option httplog
${haproxyFrontend(host, 'sticky')}
  log global
  option httplog
backend http
  balance leastconn
  http-reuse always
  server s1 ${target}
backend sticky
  balance leastconn
  http-reuse always
  cookie BACKEND insert indirect
  server s1 ${target} cookie s1
frontend tcp
  mode tcp
  bind ${host}:${ports.tcp} backlog 4096
  default_backend tcp
backend tcp
  mode tcp
  balance roundrobin
  server s1 ${target}
`
}

function haproxyFrontend(host: string, kind: HttpKind): string {
  return `frontend ${kind}
  bind ${host}:${ports[kind]} backlog 4096
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port %[dst_port]
  default_backend ${kind === 'sticky' ? 'sticky' : 'http'}`
}

export function nginxConfig(host: string): string {
  const stream = `stream {
  upstream b { server ${target}; }
  server { listen ${host}:${ports.tcp} backlog=4096; proxy_pass b; }
}`
  return `${streamModule.installed ? `load_module ${streamModule.path};` : ''}
${nginxProcess('nginx')}
http {
  ${nginxHttp}
  upstream b { least_conn; server ${target}; keepalive 256; keepalive_requests 100000000; }
  log_format entry '${nginxLogEntry}';
  proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_max_temp_file_size 0;
  ${nginxServer(host, 'http', 'off')}
  ${nginxServer(host, 'logged', `${logFile} entry buffer=64k`)}
}
${streamModule.installed ? stream : ''}
`
}

function nginxServer(host: string, kind: 'http' | 'logged', log: string): string {
  return `server {
    listen ${host}:${ports[kind]} backlog=4096;
    access_log ${log};
    location / {
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_pass http://b;
    }
  }`
}

export function backEndConfig(): string {
  const forwarded = '$http_x_forwarded_for $http_x_forwarded_proto $http_x_forwarded_port'
  return `${nginxProcess('back-end')}
http {
  ${nginxHttp}
  server {
    listen ${target} backlog=4096;
    default_type text/plain;
    location / { return 200 "Hello, world! this is a backend reply."; }
    location = ${largePath} { root .; }
    location = ${forwardedPath} { return 200 "${forwarded}"; }
  }
}
`
}

/** @param name of the file of its process id; paths are relative to the folder that it is started in */
function nginxProcess(name: string): string {
  return `worker_processes 1; daemon off; pid ${name}.pid; error_log stderr crit;
events { worker_connections 16384; }`
}

/** What a Classic Load Balancer logs, as far as nginx knows it. */
const nginxLogEntry =
  '$time_iso8601 $remote_addr:$remote_port $upstream_addr $request_time $upstream_response_time $status ' +
  '$upstream_status $request_length $bytes_sent "$request" "$http_user_agent"'

/** Temporary files where everybody may write. */
const nginxHttp = `access_log off; sendfile on; keepalive_requests 100000000; keepalive_timeout 300s;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;`
