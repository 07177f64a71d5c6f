/**
 * What HAProxy, nginx and the back end are told. All proxies do the same work: one thread, kept connections to the back end,
 * X-Forwarded-For, -Proto and -Port, and a log of requests where the listener has one.
 */
import { type HttpKind, largePath, schemeOf } from './scenarios.ts'
import { streamModule } from './tools.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Loopback addresses of this run's own: another run beside it would share the ports of Weir's listeners. */
const network = `127.19.${process.pid % 256}`

export const backEnd: Endpoint = { host: `${network}.1`, port: 8080 }
/** The same behind TLS. */
export const secureBackEnd: Endpoint = { host: backEnd.host, port: 8443 }
export const hosts = { weir: `${network}.2`, haproxy: `${network}.3`, nginx: `${network}.4` }
/** Of a second process of each, beside the first. */
export const otherHosts = { weir: `${network}.5`, haproxy: `${network}.6`, nginx: `${network}.7` }
/** Every candidate has an address of its own, and listens on these ports of it. */
export const ports = {
  http: 8080,
  tcp: 8081,
  logged: 8082,
  sticky: 8083,
  https: 8084,
  reencrypted: 8085,
  ssl: 8086,
  restricted: 8087,
} as const
/** Whom the restricted listeners serve: as many as a list of Huawei's may have, and the load generator last. */
export const allowedClients: readonly string[] = [
  ...Array.from({ length: 299 }, (_, i) => `10.${i % 7}.${(i * 31) % 256}.${i % 251}`),
  '127.0.0.0/8',
]
/** Weir's engine has further listeners with lists as long, all different, from this port on: as many lists as Huawei's projects may have. */
export const furtherLists = { count: 49, firstPort: 8100 } as const
/** In the folder of the run: the same, a line each. */
export const allowedFile = 'allowed.lst'

/** Answers with the forwarded headers of the request: proves that all candidates do the same. */
export const forwardedPath = '/forwarded'

/** HAProxy's lines end in its standard output, which is not read either. */
const logFile = '/dev/null'

/** In the folder of the run: a certificate and its key, which the back end and all proxies show. */
export const certificateFile = 'server.pem'
/** What all agree on, with clients and back end: the cipher and the only protocol. */
export const cipher = 'TLS_AES_128_GCM_SHA256'
export const tlsProtocol = 'TLSv1.3'

const target = `${backEnd.host}:${backEnd.port}`
const secureTarget = `${secureBackEnd.host}:${secureBackEnd.port}`

/** @param folder of the certificate */
export function haproxyConfig(host: string, folder: string): string {
  const tls = `ssl crt ${folder}/${certificateFile} ssl-min-ver ${tlsProtocol} ciphersuites ${cipher}`
  const tlsHttp = `${tls} alpn h2,http/1.1`
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
${haproxyFrontend(host, 'restricted')}
  tcp-request connection reject if !{ src -f ${folder}/${allowedFile} }
${haproxyFrontend(host, 'logged')}
  log global
  option httplog
${haproxyFrontend(host, 'sticky')}
  log global
  option httplog
${haproxyFrontend(host, 'https', tlsHttp)}
${haproxyFrontend(host, 'reencrypted', tlsHttp)}
backend http
  balance leastconn
  http-reuse always
  server s1 ${target}
backend reencrypted
  balance leastconn
  http-reuse always
  server s1 ${secureTarget} ssl verify none ssl-min-ver ${tlsProtocol} ciphersuites ${cipher}
backend sticky
  balance leastconn
  http-reuse always
  cookie BACKEND insert indirect
  server s1 ${target} cookie s1
frontend tcp
  mode tcp
  bind ${host}:${ports.tcp} backlog 4096
  default_backend tcp
frontend ssl
  mode tcp
  bind ${host}:${ports.ssl} backlog 4096 ${tls}
  default_backend tcp
backend tcp
  mode tcp
  balance roundrobin
  server s1 ${target}
`
}

function haproxyFrontend(host: string, kind: HttpKind, tls = ''): string {
  const back = kind === 'sticky' || kind === 'reencrypted' ? kind : 'http'
  return `frontend ${kind}
  bind ${host}:${ports[kind]} backlog 4096 ${tls}
  option forwardfor
  http-request set-header X-Forwarded-Proto ${schemeOf(kind)}
  http-request set-header X-Forwarded-Port %[dst_port]
  default_backend ${back}`
}

export function nginxConfig(host: string): string {
  const stream = `stream {
  upstream b { server ${target}; }
  server { listen ${host}:${ports.tcp} backlog=4096; proxy_pass b; }
  server { listen ${host}:${ports.ssl} ssl backlog=4096; ${nginxTls} proxy_pass b; }
}`
  return `${streamModule.installed ? `load_module ${streamModule.path};` : ''}
${nginxProcess('nginx')}
http {
  ${nginxHttp}
  upstream b { least_conn; server ${target}; ${nginxKept} }
  upstream s { least_conn; server ${secureTarget}; ${nginxKept} }
  proxy_ssl_protocols ${tlsProtocol}; proxy_ssl_conf_command Ciphersuites ${cipher};
  log_format entry '${nginxLogEntry}';
  proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_max_temp_file_size 0;
  ${nginxServer(host, 'http', 'off')}
  ${nginxServer(host, 'restricted', 'off')}
  ${nginxServer(host, 'logged', `${logFile} entry buffer=64k`)}
  ${nginxServer(host, 'https', 'off')}
  ${nginxServer(host, 'reencrypted', 'off')}
}
${streamModule.installed ? stream : ''}
`
}

function nginxServer(host: string, kind: Exclude<HttpKind, 'sticky'>, log: string): string {
  const secure = schemeOf(kind) === 'https'
  return `server {
    listen ${host}:${ports[kind]} ${secure ? 'ssl http2' : ''} backlog=4096; ${secure ? nginxTls : ''}
    access_log ${log};
    ${kind === 'restricted' ? nginxAllows : ''}
    location / {
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_pass ${kind === 'reencrypted' ? 'https://s' : 'http://b'};
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
    listen ${secureTarget} ssl backlog=4096; ${nginxTls}
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

const nginxTls = `ssl_protocols ${tlsProtocol}; ssl_conf_command Ciphersuites ${cipher};
    ssl_certificate ${certificateFile}; ssl_certificate_key ${certificateFile};`

const nginxAllows = `${allowedClients.map((client) => `allow ${client};`).join(' ')} deny all;`

const nginxKept = 'keepalive 256; keepalive_requests 100000000;'

/** Temporary files where everybody may write. */
const nginxHttp = `access_log off; sendfile on; keepalive_requests 100000000; keepalive_timeout 300s;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;`
