import { createHash } from 'node:crypto'

/** Route 53 hosted zones of AWS's own load balancers, by region (AWS General Reference, Elastic Load Balancing endpoints). */
const hostedZones: Readonly<Record<string, string>> = {
  'us-east-1': 'Z35SXDOTRQ7X7K',
  'us-east-2': 'Z3AADJGX6KTTL2',
  'us-west-1': 'Z368ELLRRE2KJ0',
  'us-west-2': 'Z1H1FL5HABSF5',
  'ca-central-1': 'ZQSVJUPU6J1EY',
  'eu-west-1': 'Z32O12XQLNTSW2',
  'eu-west-2': 'ZHURV8PSTC4K8',
  'eu-west-3': 'Z3Q77PNBQS71R4',
  'eu-central-1': 'Z215JYRZR1TBD5',
  'eu-north-1': 'Z23TAZ6LKFMNIO',
  'eu-south-1': 'Z3ULH7SSC9OV64',
  'ap-south-1': 'ZP97RAFLXTNZK',
  'ap-southeast-1': 'Z1LMS91P8CMLE5',
  'ap-southeast-2': 'Z1GM3OXH4ZPM65',
  'ap-northeast-1': 'Z14GRHDCWA56QT',
  'ap-northeast-2': 'ZWKZPGTI48KDX',
  'ap-northeast-3': 'Z5LXEXXYW11ES',
  'ap-east-1': 'Z3DQVH9N71FHZ0',
  'sa-east-1': 'Z2P70J7HTTTPLU',
  'af-south-1': 'Z268VQBMOI5EKX',
  'me-south-1': 'ZS929ML54UICD',
  'us-gov-west-1': 'Z33AYJ8TM3BH4J',
  'us-gov-east-1': 'Z166TLBEWOO7G0',
  'cn-north-1': 'Z1GDH35T77C1KE',
  'cn-northwest-1': 'ZM7IZAIOVVDZF',
}

/** Of a region that AWS does not have: made up from its name, so that it is the same at every start. */
export function canonicalHostedZoneId(region: string): string {
  return (
    hostedZones[region] ??
    `Z${createHash('sha256').update(region).digest('hex').slice(0, 13).toUpperCase()}`
  )
}
