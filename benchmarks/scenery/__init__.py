"""What the benchmarks share: a throwaway house and a large book of business."""
