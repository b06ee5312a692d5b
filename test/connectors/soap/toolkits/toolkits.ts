export type SoapVersionName = '1.1' | '1.2'

/** The document as text in place of an element; a header that must be understood; a body in another namespace. */
export const extraSteps = ['SubmitDocument text', 'Ping must understand', 'Ping wrong namespace'] as const
export type ExtraStep = (typeof extraSteps)[number]

/** A SOAP toolkit as it comes from Debian (or npm) and the client program that was written with it, in this folder. */
export interface Toolkit {
  readonly name: string
  /** What `apt-get install` takes; nothing where npm ci has it. */
  readonly packages: string
  /** A shell command that fails where the toolkit is not installed, and prints its version where it is. */
  readonly probe: string
  readonly versions: readonly SoapVersionName[]
  /** The script in this folder that generates and compiles, run by bash in a folder of its own. */
  readonly build?: string
  /** The shell command that runs the client in that folder; `$PROGRAMS` is this one. */
  readonly run: string
  /** The steps beyond each operation's own that its client takes; some toolkits cannot say them. */
  readonly extras: readonly ExtraStep[]
  /** Whether the generated exception, or the like, hides the fault code of the envelope. */
  readonly hidesFaultCode?: true
}

const both = ['1.1', '1.2'] as const
const python = '/usr/bin/python3'
const mono = { packages: 'mono-devel', versions: both } as const

export const toolkits: readonly Toolkit[] = [
  { name: 'PHP SoapClient', packages: 'php-cli php-soap', probe: 'php -r \'exit(class_exists("SoapClient") ? 0 : 1);\' && php -r \'echo PHP_VERSION;\'', versions: both, run: 'php "$PROGRAMS/php-client.php"', extras: extraSteps },
  { name: 'zeep', packages: 'python3-zeep', probe: `${python} -c 'import zeep; print(zeep.__version__)'`, versions: both, run: `${python} "$PROGRAMS/zeep-client.py"`, extras: ['Ping must understand'] },
  { name: 'suds', packages: 'python3-suds', probe: `${python} -c 'import suds; print(suds.__version__)'`, versions: ['1.1'], run: `${python} "$PROGRAMS/suds-client.py"`, extras: ['SubmitDocument text', 'Ping must understand'] },
  { name: 'SOAP::Lite', packages: 'libsoap-lite-perl', probe: 'perl -MSOAP::Lite -e \'print $SOAP::Lite::VERSION\'', versions: both, run: 'perl "$PROGRAMS/soap-lite-client.pl"', extras: extraSteps },
  {
    name: 'gSOAP', packages: 'gsoap libgsoap-dev g++', probe: 'command -v wsdl2h g++ >/dev/null && soapcpp2 -V 2>&1 | grep -o "[0-9][0-9.]*" | head -n 1', versions: both,
    build: 'gsoap-build.sh', run: './client-$SOAP_VERSION', extras: ['SubmitDocument text'],
  },
  {
    name: 'JAX-WS', packages: 'jaxws default-jdk-headless', probe: 'command -v javac >/dev/null && wsimport -version 2>&1 | grep -o "[0-9][0-9.]*" | head -n 1', versions: both,
    build: 'jax-ws-build.sh', run: 'java -cp .:/usr/share/java/jaxws-rt.jar JaxWsClient', extras: ['SubmitDocument text'], hidesFaultCode: true,
  },
  { ...mono, name: 'ASMX (mono)', probe: 'command -v mcs wsdl >/dev/null && mono --version | grep -o "version [0-9.]*" | cut -d" " -f2', build: 'asmx-build.sh', run: 'mono asmx-client.exe', extras: ['SubmitDocument text'] },
  { ...mono, name: 'WCF (mono)', probe: 'command -v mcs wsdl >/dev/null && mono --version | grep -o "version [0-9.]*" | cut -d" " -f2', build: 'wcf-build.sh', run: 'mono wcf-client.exe', extras: ['SubmitDocument text', 'Ping must understand'] },
  { name: 'node-soap', packages: '', probe: 'node -p "require(\'soap/package.json\').version"', versions: both, run: 'node "$PROGRAMS/node-soap-client.mjs"', extras: ['SubmitDocument text', 'Ping must understand'] },
  { name: 'lxml, no toolkit', packages: 'python3-lxml', probe: `${python} -c 'from lxml import etree; print(etree.__version__)'`, versions: both, run: `${python} "$PROGRAMS/lxml-client.py"`, extras: extraSteps },
]
