import { Trans } from "@lingui/react/macro";
import { Center, Loader, Text, VisuallyHidden } from "@mantine/core";
import { useEffect, useState } from "react";

const SLOW_MS = 300;

/** Progress, but only for what takes long enough to wonder. */
export function Slow() {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Center mih={160} role="status" className="gl-slow">
      {isSlow && (
        <>
          <Loader aria-hidden="true" />
          <VisuallyHidden>
            <Text>
              <Trans>Loading</Trans>
            </Text>
          </VisuallyHidden>
        </>
      )}
    </Center>
  );
}
