# Generates and compiles asmx-client.exe in the working folder.
set -e
wsdl -nologo -namespace:ChainhubProxy -out:chainhub.cs "$HUB_URL/soap/v1?wsdl"
mcs -nologo -out:asmx-client.exe -r:System.Web.Services,System.Xml "$PROGRAMS/asmx-client.cs" "$PROGRAMS/tell-answer.cs" chainhub.cs
