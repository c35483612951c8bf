import { useLingui } from "@lingui/react/macro";

const WIDTH = 96;
const HEIGHT = 24;

/** Bars for the last days, the newest at the end; said in words for who cannot see them. */
export function Sparkline({ counts }: { counts: number[] }) {
  const { t } = useLingui();
  const days = counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...counts, 1);
  const step = WIDTH / Math.max(days, 1);
  return (
    <svg
      className="gl-sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t`${total} uses in ${days} days`}
    >
      <path d={bars(counts, step, most)} />
      <path className="gl-sparkline-base" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
    </svg>
  );
}

/** One path for all bars; a use that is small beside the others still shows. */
export function bars(counts: number[], step: number, most: number): string {
  return counts
    .map((count, place) => {
      if (count === 0) return "";
      const height = Math.max((count / most) * (HEIGHT - 2), 2);
      const x = (place * step).toFixed(1);
      return `M${x} ${HEIGHT}v${-height.toFixed(1)}h${(step * 0.75).toFixed(1)}v${height.toFixed(1)}z`;
    })
    .join("");
}
