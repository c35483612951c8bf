import { useLingui } from "@lingui/react/macro";
import { TagsInput } from "@mantine/core";
import { BOUNDS, type Bound, type Bounds } from "../bounds";

interface Props {
  value: Bounds;
  change: (part: Partial<Bounds>) => void;
  /** What the service said about a field, if anything. */
  errorOf: (...names: string[]) => string | null;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** From where, to which hosts and paths, by which methods: each empty for any. */
export function BoundsFields({ value, change, errorOf }: Props) {
  const { t } = useLingui();
  const words: Record<Bound, { label: string; description: string }> = {
    networks: {
      label: t`Networks`,
      description: t`From where it may be used, such as 192.0.2.0/24. Empty: from anywhere.`,
    },
    hosts: {
      label: t`Hosts`,
      description: t`Such as api.example.com, or *.example.com for all below it. Empty: any.`,
    },
    paths: {
      label: t`Paths`,
      description: t`Such as /v1/**, with * for one part and ** for any. Empty: any.`,
    },
    methods: { label: t`Methods`, description: t`Such as GET. Empty: any.` },
  };
  return BOUNDS.map((bound) => (
    <Tags
      key={bound}
      {...words[bound]}
      data={bound === "methods" ? METHODS : []}
      value={value[bound]}
      change={(tags) => change({ [bound]: tags })}
      error={errorOf(bound)}
    />
  ));
}

interface TagsProps {
  label: string;
  description: string;
  data?: string[];
  value: string[];
  change: (tags: string[]) => void;
  error: string | null;
}

/** Words in a row, each an entry of its own; case counts. */
export function Tags({ label, description, data, value, change, error }: TagsProps) {
  const { t } = useLingui();
  return (
    <TagsInput
      label={label}
      description={description}
      data={data ?? []}
      value={value}
      onChange={change}
      splitChars={[",", " "]}
      isDuplicate={(tag, tags) => tags.includes(tag)}
      error={error}
      clearable
      clearButtonProps={{ "aria-label": t`Remove all` }}
    />
  );
}
