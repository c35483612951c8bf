import { Trans } from "@lingui/react/macro";
import { RelativeTime } from "../../../components/time";

/** When something happened; of a record that cannot be read that may not be known. */
export function EventTime({ at }: { at: string | null }) {
  return at === null ? <Trans>time not known</Trans> : <RelativeTime at={at} />;
}
