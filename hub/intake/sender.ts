import type { Caller } from '../access/access.js'
import type { Channel } from './channel.js'

/** Who sends through a channel: its one partner, else the party that the key belongs to, else whoever holds the key. */
export const senderOf = (channel: Pick<Channel, 'partner'>, caller: Pick<Caller, 'party' | 'keyId'>): string => channel.partner ?? caller.party ?? caller.keyId

/** The partner for whom a message speaks; undefined where the channel and the key name none, and each document names its own issuer. */
export const partnerOf = ({ sender, caller }: { readonly sender: string, readonly caller: string | undefined }): string | undefined => (sender === caller ? undefined : sender)
