import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useProblemText } from "../../components/problem-alert";
import { useToast } from "../../components/toasts";
import { SESSION, signOut } from "./api";

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const problemText = useProblemText();
  return async () => {
    try {
      const { redirect } = await signOut();
      // Whatever was learned belongs to who left.
      queries.clear();
      if (redirect) window.location.assign(redirect);
      else await navigate({ to: "/sign-in" });
    } catch (error) {
      const { title, detail } = problemText(error);
      toast({ kind: "bad", text: `${title}. ${detail}` });
      await queries.invalidateQueries({ queryKey: SESSION });
    }
  };
}
