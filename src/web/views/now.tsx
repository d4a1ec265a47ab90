/** Now: how high the tremor is and where it goes, how fresh that is, and when more will be known. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { CurrentTremorDocument } from "../operations.ts";
import { Icon } from "../parts/icons.tsx";
import { Empty, Failed, Loading } from "../parts/states.tsx";
import { useQuery } from "../use-query.ts";

export function Now() {
  const texts = useTexts();
  const formats = useFormats();
  const { data, error, askAgain } = useQuery(CurrentTremorDocument, {});
  const tremor = data?.currentTremor;
  if (tremor == null) {
    if (error !== undefined) return <Failed error={error} askAgain={askAgain} />;
    if (data === undefined) return <Loading rem={30} />;
    return (
      <Empty title={texts.now.emptyTitle}>
        <p>{texts.now.empty}</p>
      </Empty>
    );
  }
  return (
    <section class="now">
      <h1>{texts.now.heading}</h1>
      <p class={`level level-${tremor.level.toLowerCase()}`}>
        <Icon name={tremor.level} /> {texts.level[tremor.level]}
      </p>
      {tremor.trend !== null && (
        <p>
          <Icon name={tremor.trend} /> {texts.trend[tremor.trend]}
        </p>
      )}
      <p>{formats.mv(tremor.value)}</p>
    </section>
  );
}
