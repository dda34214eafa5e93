using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Warren.Transport.Tls;

/// <summary>Finds the user a certificate names. Pure.</summary>
public static class CertificateName
{
    private const string CommonNameType = "2.5.4.3";
    private const string AlternativeNamesExtension = "2.5.29.17";

    // The short names RabbitMQ writes; other types are written as their numbers.
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.Ordinal)
    {
        [CommonNameType] = "CN",
        ["2.5.4.4"] = "SN",
        ["2.5.4.5"] = "SERIALNUMBER",
        ["2.5.4.6"] = "C",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.9"] = "STREET",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["2.5.4.12"] = "TITLE",
        ["2.5.4.42"] = "GIVENNAME",
        ["2.5.4.43"] = "INITIALS",
        ["2.5.4.44"] = "GENERATIONQUALIFIER",
        ["2.5.4.65"] = "PSEUDONYM",
        ["0.9.2342.19200300.100.1.1"] = "UID",
        ["0.9.2342.19200300.100.1.25"] = "DC",
        ["1.2.840.113549.1.9.1"] = "EMAILADDRESS",
    };

    /// <summary>The user's name; null when the certificate has no such part, or it cannot be read.</summary>
    public static string? Read(X509Certificate2 certificate, TlsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Read(certificate, options.LoginFrom, options.LoginNameKind, options.LoginNameIndex);
    }

    /// <summary>A name in a certificate; null when the certificate has no such part, or it cannot be read.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="from">Which part of it.</param>
    /// <param name="kind">Which kind of alternative name.</param>
    /// <param name="index">Which of several of that kind, from 0.</param>
    public static string? Read(X509Certificate2 certificate, CertificateLogin from, AlternativeName kind, int index)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            string? name = from switch
            {
                CertificateLogin.DistinguishedName => DistinguishedName(certificate),
                CertificateLogin.CommonName => CommonName(certificate),
                _ => AlternativeNames(certificate, kind).ElementAtOrDefault(index),
            };
            return string.IsNullOrEmpty(name) ? null : name;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    // The last part comes first (RFC 4514, 2.1).
    private static string DistinguishedName(X509Certificate2 certificate) =>
        string.Join(',', Subject(certificate).Reverse().Select(
            part => string.Join('+', part.Select(a => $"{ShortNames.GetValueOrDefault(a.Type, a.Type)}={Escape(a.Value)}"))));

    private static string CommonName(X509Certificate2 certificate) =>
        string.Join(',', Subject(certificate).SelectMany(part => part).Where(a => a.Type == CommonNameType).Select(a => a.Value));

    // Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
    private static IEnumerable<List<(string Type, string Value)>> Subject(X509Certificate2 certificate)
    {
        AsnReader name = new AsnReader(certificate.SubjectName.RawData, AsnEncodingRules.DER).ReadSequence();
        while (name.HasData)
        {
            AsnReader part = name.ReadSetOf(skipSortOrderValidation: true);
            var attributes = new List<(string, string)>();
            while (part.HasData)
            {
                AsnReader attribute = part.ReadSequence();
                string type = attribute.ReadObjectIdentifier();
                attributes.Add((type, ReadText(attribute) ?? "#" + Convert.ToHexString(attribute.ReadEncodedValue().Span)));
            }

            yield return attributes;
        }
    }

    // A text of any of the kinds a certificate may use; null when it is none, and then nothing was read.
    private static string? ReadText(AsnReader reader)
    {
        Asn1Tag tag = reader.PeekTag();
        bool isText = tag.TagClass == TagClass.Universal
            && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString
                or UniversalTagNumber.IA5String or UniversalTagNumber.T61String or UniversalTagNumber.BMPString
                or UniversalTagNumber.NumericString or UniversalTagNumber.VisibleString;
        return isText ? reader.ReadCharacterString((UniversalTagNumber)tag.TagValue) : null;
    }

    // GeneralNames ::= SEQUENCE OF CHOICE { [0] other, [1] mail, [2] host, ..., [6] URI, [7] address, ... }
    private static IEnumerable<string> AlternativeNames(X509Certificate2 certificate, AlternativeName kind)
    {
        X509Extension? extension = certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == AlternativeNamesExtension);
        if (extension is null)
        {
            yield break;
        }

        int wanted = kind switch
        {
            AlternativeName.Other => 0,
            AlternativeName.Email => 1,
            AlternativeName.Dns => 2,
            AlternativeName.Uri => 6,
            _ => 7,
        };
        AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            Asn1Tag tag = names.PeekTag();
            if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue != wanted)
            {
                names.ReadEncodedValue();
                continue;
            }

            yield return kind switch
            {
                AlternativeName.Other => ReadOther(names.ReadSequence(tag)),
                AlternativeName.IP => ReadAddress(names.ReadOctetString(tag)),
                _ => names.ReadCharacterString(UniversalTagNumber.IA5String, tag),
            };
        }
    }

    // OtherName ::= SEQUENCE { type OBJECT IDENTIFIER, [0] EXPLICIT ANY }
    private static string ReadOther(AsnReader other)
    {
        other.ReadObjectIdentifier();
        return ReadText(other.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) ?? "";
    }

    private static string ReadAddress(byte[] octets) => octets.Length is 4 or 16 ? new IPAddress(octets).ToString() : "";

    // RFC 4514, 2.4, and as RabbitMQ does it: octets of UTF-8 that cannot be printed are written in hexadecimal.
    private static string Escape(string value)
    {
        byte[] octets = Encoding.UTF8.GetBytes(value);
        var text = new StringBuilder(octets.Length);
        for (int i = 0; i < octets.Length; i++)
        {
            byte octet = octets[i];
            if (octet is < 0x20 or >= 0x7E)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{octet:X2}");
                continue;
            }

            bool special = octet is (byte)'"' or (byte)'+' or (byte)',' or (byte)';' or (byte)'<' or (byte)'>' or (byte)'\\';
            bool atStart = i == 0 && (octet is (byte)' ' or (byte)'#');
            bool atEnd = i == octets.Length - 1 && octet == ' ';
            text.Append(special || atStart || atEnd ? "\\" : "").Append((char)octet);
        }

        return text.ToString();
    }
}
