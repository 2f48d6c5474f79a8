// What GPUs can do at most, by their vendor's documents.

import { Registry } from "#base/registry";
import type { Bytes } from "#base/units";

export interface DeviceLimits {
  readonly id: string;
  readonly title: string;
  /** how adapters of it name themselves */
  readonly named: RegExp;
  /** of global memory */
  readonly bytesPerSecond: number;
  /** float32, a multiply-add counts two; without tensor cores, which no kernel uses */
  readonly flopsPerSecond: number;
  /** float16 products on tensor cores, dense: what subgroup matrices could reach */
  readonly float16MatrixFlopsPerSecond: number;
  readonly cacheBytes: Bytes;
  readonly sources: readonly string[];
}

const HOPPER_CACHE = {
  bytes: 50e6,
  source: "NVIDIA, Hopper Tuning Guide, Increased L2 Capacity: 50 MB in the H100",
};

/** Rates of tensor cores stand in the data sheets "with sparsity", at twice the dense ones. */
const DENSE = 0.5;

export const DEVICES = new Registry<DeviceLimits>("GPU with declared limits", [
  {
    id: "h100-sxm",
    title: "H100 SXM",
    named: /\bH100\b(?!.*(PCIe|NVL))/i,
    bytesPerSecond: 3.35e12,
    flopsPerSecond: 67e12,
    float16MatrixFlopsPerSecond: DENSE * 1979e12,
    cacheBytes: HOPPER_CACHE.bytes,
    sources: ["NVIDIA, H100 Tensor Core GPU data sheet (H100 SXM: 3.35 TB/s, FP32 67 TFLOPS)", HOPPER_CACHE.source],
  },
  {
    id: "h100-pcie",
    title: "H100 PCIe",
    named: /\bH100\b.*PCIe/i,
    bytesPerSecond: 2e12,
    flopsPerSecond: 51e12,
    float16MatrixFlopsPerSecond: DENSE * 1513e12,
    cacheBytes: HOPPER_CACHE.bytes,
    sources: ["NVIDIA, H100 Tensor Core GPU data sheet (H100 PCIe: 2 TB/s, FP32 51 TFLOPS)", HOPPER_CACHE.source],
  },
  {
    id: "h200-sxm",
    title: "H200 SXM",
    named: /\bH200\b(?!.*NVL)/i,
    bytesPerSecond: 4.8e12,
    flopsPerSecond: 67e12,
    float16MatrixFlopsPerSecond: DENSE * 1979e12,
    cacheBytes: HOPPER_CACHE.bytes,
    sources: [
      "NVIDIA, H200 Tensor Core GPU data sheet (H200 SXM: 4.8 TB/s, FP32 67 TFLOPS)",
      `${HOPPER_CACHE.source}, whose chip (GH100) the H200 has`,
    ],
  },
]);

/** The declared limits of an adapter. */
export function limitsOf(adapterName: string): DeviceLimits | undefined {
  return DEVICES.all().find(({ named }) => named.test(adapterName));
}
