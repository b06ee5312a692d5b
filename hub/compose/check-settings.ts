import { loadBuiltTranslator } from '../../mappings/engine/load-built-translator.js'
import type { Translator } from '../../mappings/engine/translator.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import type { TrustedCertificate } from '../access/trusted-certificate.js'
import type { ChannelSetting, Config } from '../config.js'
import { makeChannel, type Channel } from '../intake/channel.js'
import { defaultChannels } from '../intake/default-channels.js'
import { readChannelCertificates } from './make-senders.js'

export interface CheckedSettings {
  readonly translator: Translator
  readonly channels: ReadonlyMap<string, Channel>
  readonly certificates: readonly TrustedCertificate[]
}

/** The mappings, and the channels of the settings as far as they fit these. Fails with config-invalid at the setting, and with mapping-invalid. */
export const checkSettings = async (config: Config): Promise<Result<CheckedSettings>> => {
  const translator = await loadBuiltTranslator(config.mappingsFolder)
  if (!translator.ok) return translator
  const channels = channelsOf(config, translator.value)
  if (!channels.ok) return channels
  const unknown = config.kafka?.inbound.find(({ channel }) => !channels.value.has(channel))
  if (unknown !== undefined) return fail('config-invalid', 'kafka.inbound', `There is no channel '${unknown.channel}' for the topic '${unknown.topic}'; there are ${[...channels.value.keys()].join(', ')}.`)
  const certificates = readChannelCertificates(config)
  return certificates.ok ? ok({ translator: translator.value, channels: channels.value, certificates: certificates.value }) : certificates
}

/** What an endpoint says of the system behind it holds for the channels of that system too, unless they say otherwise. */
const acknowledgeOf = ({ id, system = id, acknowledge }: ChannelSetting, endpoints: Config['endpoints'] = []): 'wished' | 'always' | 'never' =>
  acknowledge ?? (endpoints.some((endpoint) => endpoint.system === system && endpoint.acknowledge === 'always') ? 'always' : 'wished')

const channelsOf = (config: Pick<Config, 'channels' | 'endpoints'>, translator: Translator): Result<ReadonlyMap<string, Channel>> => {
  const channels = config.channels?.map(({ formats, strict, ...settings }) => makeChannel({ ...settings, acknowledge: acknowledgeOf({ formats, ...settings }, config.endpoints), strict: strict === true || strict === 'yes', languages: formats })) ?? defaultChannels
  const known = new Set(translator.formats.map(({ language }) => language))
  for (const { id, languages } of channels) {
    const wrong = languages.find((language) => !known.has(language))
    if (wrong !== undefined) return fail('config-invalid', config.channels?.find((channel) => channel.id === id)?.at ?? id, `There is no format '${wrong}'; there are ${[...known].join(', ')}.`)
  }
  return ok(new Map(channels.map((channel) => [channel.id, channel])))
}
