/**
 * Instance types. An instance is a host that exists already, so its type is a label; clients ask for the size of a type all the same,
 * and any `FAMILY.SIZE` gets that of its size.
 */
import type {
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  InstanceTypeInfo,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { type FilterFields, filtered } from './filters.ts'
import type { Action } from './operation.ts'
import { pageOf } from './paging.ts'

/** AWS's default for RunInstances. */
export const defaultInstanceType = 'm1.small'

interface Size {
  readonly vcpus: number
  readonly memoryMiB: number
}

/** As in the T3 family. */
const sizes: Readonly<Record<string, Size>> = {
  nano: { vcpus: 2, memoryMiB: 512 },
  micro: { vcpus: 2, memoryMiB: 1024 },
  small: { vcpus: 2, memoryMiB: 2048 },
  medium: { vcpus: 2, memoryMiB: 4096 },
  large: { vcpus: 2, memoryMiB: 8192 },
  xlarge: { vcpus: 4, memoryMiB: 16_384 },
  '2xlarge': { vcpus: 8, memoryMiB: 32_768 },
  '4xlarge': { vcpus: 16, memoryMiB: 65_536 },
}

/** What DescribeInstanceTypes lists when it is not asked for particular types. */
const listedTypes = ['t2', 't3'].flatMap((family) =>
  ['micro', 'small', 'medium', 'large'].map((size) => `${family}.${size}`),
)

export function sizeOfType(name: string): Size | undefined {
  const [, size = ''] = /^[a-z][a-z0-9-]*\.([a-z0-9]+)$/.exec(name) ?? []
  return Object.hasOwn(sizes, size) ? sizes[size] : undefined
}

/** Whether instances of the type earn CPU credits: the T families. */
export function isBurstable(name: string): boolean {
  return /^t\d/.test(name)
}

export const describeInstanceTypes: Action<
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult
> = async (input, _scope) => {
  const named: readonly string[] = input.InstanceTypes ?? []
  const unknown = named.filter((name) => sizeOfType(name) === undefined)
  if (unknown.length > 0) {
    const message = `The following supplied instance types do not exist: [${unknown.join(', ')}]`
    throw new ApiError('InvalidInstanceType', message)
  }
  const types = [...(named.length > 0 ? named : listedTypes)].sort().map(viewType)
  const passing = filtered(types, input.Filters, typeFilters, () => [])
  const page = pageOf(passing, ({ InstanceType }) => InstanceType ?? '', input)
  return { InstanceTypes: [...page.records], NextToken: page.nextToken }
}

const typeFilters: FilterFields<InstanceTypeInfo> = {
  'burstable-performance-supported': (type) => type.BurstablePerformanceSupported,
  'current-generation': (type) => type.CurrentGeneration,
  hypervisor: (type) => type.Hypervisor,
  'instance-type': (type) => type.InstanceType,
  'memory-info.size-in-mib': (type) => type.MemoryInfo?.SizeInMiB,
  'processor-info.supported-architecture': () => 'x86_64',
  'vcpu-info.default-vcpus': (type) => type.VCpuInfo?.DefaultVCpus,
}

function viewType(name: string): InstanceTypeInfo {
  const size = sizeOfType(name)
  return {
    InstanceType: name as NonNullable<InstanceTypeInfo['InstanceType']>,
    BareMetal: false,
    BurstablePerformanceSupported: isBurstable(name),
    CurrentGeneration: true,
    FreeTierEligible: false,
    HibernationSupported: false,
    Hypervisor: 'nitro',
    InstanceStorageSupported: false,
    MemoryInfo: { SizeInMiB: size?.memoryMiB },
    NetworkInfo: {
      Ipv4AddressesPerInterface: 1,
      Ipv6AddressesPerInterface: 0,
      Ipv6Supported: false,
      MaximumNetworkInterfaces: 1,
    },
    ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
    SupportedRootDeviceTypes: ['instance-store'],
    SupportedUsageClasses: ['on-demand'],
    SupportedVirtualizationTypes: ['hvm'],
    VCpuInfo: { DefaultVCpus: size?.vcpus, DefaultCores: size?.vcpus, DefaultThreadsPerCore: 1 },
  }
}
